/** As small as a Worker gets. */
export default { fetch: () => new Response('hi') }
