export const dynamic = 'force-static'

export const GET = async () => Response.json({ built: 'once' })
