/** webpack runs it after the plugin's own loader, which is `pre`. */
const { transform } = require('esbuild')

module.exports = function (source, map) {
  const done = this.async()
  // A type assertion may look like JSX.
  const loader = /\.[cm]?ts$/.test(this.resourcePath) ? 'ts' : 'tsx'
  const options = { loader, jsx: 'automatic', target: 'node22', sourcefile: this.resourcePath }
  // The map of what it is given esbuild reads from a comment only.
  const url = map && `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`
  transform(url ? `${source}\n//# sourceMappingURL=${url}` : source, {
    ...options,
    sourcemap: this.sourceMap && 'external',
  }).then(({ code, map }) => done(null, code, map ? JSON.parse(map) : undefined), done)
}
