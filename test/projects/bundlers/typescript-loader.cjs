/** webpack runs it after the plugin's own loader, which is `pre`. */
const { transform } = require('esbuild')

module.exports = function (source) {
  const done = this.async()
  const options = { loader: 'tsx', jsx: 'automatic', target: 'node22', sourcefile: this.resourcePath }
  transform(source, options).then(({ code }) => done(null, code), done)
}
