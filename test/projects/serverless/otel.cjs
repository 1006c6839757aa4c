const otel = require('unplugin-otel/esbuild')

module.exports = [otel()]
