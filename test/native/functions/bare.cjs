/** The same as `bare.ts`, written in CommonJS. */
exports.handler = async () => 'ok'
