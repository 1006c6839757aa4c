export const list = async () => ({ statusCode: 200, body: '[]' })

export const total = () => 0
