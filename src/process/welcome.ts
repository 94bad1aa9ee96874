/** What to try, printed by `npm start`: each line can be pasted as it is. */
export function welcome(address: string): string {
  const json = `-H 'Content-Type: application/json'`;
  const tokenOnly = String.raw`sed -n 's/.*"gateway_token":"\([^"]*\)".*/\1/p'`;
  return `
Sluice serves ${address} with a sample runner behind it. Try:

  # records over CRUD: they stay on disk
  curl -X POST ${address}/api/request/todo_crud/todo ${json} -d '{"id": "milk", "data": {"title": "Buy milk", "status": "A"}}'
  curl '${address}/api/request/todo_crud/todo?data.status.EQ=A'
  curl ${address}/api/request/todo_crud/todo/milk
  curl -X PATCH ${address}/api/request/todo_crud/todo/milk ${json} -d '{"data": {"status": "B"}}'
  curl -X PUT ${address}/api/request/todo_crud/todo/milk ${json} -d '{"data": {"title": "Buy oat milk"}}'
  curl -X DELETE ${address}/api/request/todo_crud/todo/milk

  # a call over RPC: GET, POST, full, and full in base64
  curl '${address}/api/request/rpc/Hello?name=Ada'
  curl -X POST ${address}/api/request/rpc/Hello ${json} -d '{"name": "Ada"}'
  curl -X POST ${address}/api/request/full/rpc/Hello ${json} -d '{"payload": {"name": "Ada"}}'
  curl '${address}/api/request/full/e/rpc/Hello?data=eyJwYXlsb2FkIjogeyJuYW1lIjogIkFkYSJ9fQ=='

  # an alias whose header map chooses a branch, and a branch by name
  curl -H 'X-Use-Branch: preview' ${address}/hello
  curl ${address}/api/request/rpc@preview/Hello

  # refused: a disabled path, an unknown channel, a path for users, a channel that nobody may call yet
  curl ${address}/api/request/rpc/Disabled
  curl ${address}/api/request/nowhere/Hello
  curl ${address}/api/request/rpc/Secret
  curl ${address}/api/request/private/Hello

  # users: log in, call what is for them alone, refresh, log out; by API key; a guest. README.md has more.
  curl -X POST -u ada:lovelace ${address}/api/auth/login/rpc
  TOKEN=$(curl -s -X POST -u ada:lovelace ${address}/api/auth/login/rpc | ${tokenOnly})
  curl -H "Authorization: Bearer $TOKEN" ${address}/api/request/rpc/Secret
  TOKEN=$(curl -s -X POST -H "Authorization: Bearer $TOKEN" ${address}/api/auth/refresh/rpc | ${tokenOnly})
  curl -X POST -H "Authorization: Bearer $TOKEN" '${address}/api/auth/logout/rpc?thru=true'
  KEY=$(npm run -s sluice -- key create ada --type user --name demo)
  curl -H "X-Api-Key: $KEY" ${address}/api/request/rpc/Secret/Admins
  curl -i ${address}/api/request/guests/Whoami

  # how it is
  curl ${address}/health
  curl ${address}/metrics

`;
}
