/** A field name or a cookie's name: a token (RFC 9110, 5.6.2). */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a field value may hold (RFC 9110, 5.5). */
export const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** RFC 6265, 4.1.1. */
export const COOKIE_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
