// What the scenario takes from Node.js, in place of all of its types. (18 has no global crypto.)
declare module 'node:crypto' {
  export const webcrypto: Crypto
}
declare const process: { readonly argv: readonly string[] }
