export const revalidate = 1

export const GET = async () => Response.json({ at: Date.now() })
