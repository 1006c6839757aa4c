/** webpack runs it after the plugin's own loader, which is `pre`. */
const { transform } = require('esbuild')

module.exports = function (source) {
  const done = this.async()
  // A type assertion may look like JSX.
  const loader = /\.[cm]?ts$/.test(this.resourcePath) ? 'ts' : 'tsx'
  const options = { loader, jsx: 'automatic', target: 'node22', sourcefile: this.resourcePath }
  transform(source, options).then(({ code }) => done(null, code), done)
}
