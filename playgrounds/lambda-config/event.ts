/** As a function URL sends it. */
export const toEvent = (path: string): object => ({
  version: '2.0',
  rawPath: path,
  headers: { 'x-user-id': 'u_7', 'x-tenant': 'acme' },
  cookies: ['sid=s7'],
  requestContext: { http: { method: 'GET', path } },
})
