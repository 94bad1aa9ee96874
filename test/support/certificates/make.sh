#!/usr/bin/env bash
# Makes the certificates of the tests anew: an authority, a server's certificate by it, and an authority that signed nothing. Good for a hundred years.
set -euo pipefail
cd "$(dirname "$0")"
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
for name in authority other-authority; do
  key "$name.key"
  openssl req -x509 -new -key "$name.key" -sha256 -days 36500 -subj "/CN=Sluice test $name" -out "$name.pem"
done
key server.key
openssl req -new -key server.key -subj /CN=orders -out server.csr
openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 36500 -sha256 -out server.pem \
  -extfile <(printf 'subjectAltName=DNS:orders,DNS:localhost,IP:127.0.0.1\n')
rm -f server.csr authority.srl authority.key other-authority.key
