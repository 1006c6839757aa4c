/** As small as a handler gets: what a cold start costs is the runtime's cost. */
export const handler = async () => 'ok'
