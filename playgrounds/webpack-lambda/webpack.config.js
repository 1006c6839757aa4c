const otel = require('unplugin-otel/webpack')

module.exports = {
  mode: 'production',
  target: 'node22',
  entry: './src/quotes.mjs',
  output: { filename: 'quotes.js', library: { type: 'commonjs2' } },
  plugins: [otel()],
}
