/** Runs first in every script. Plain syntax: it must be understood by the Node that is too old. */
var major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    '[unplugin-otel] this is Node ' +
      process.versions.node +
      ', development needs 24 or newer\n' +
      'Run the script with `npm run`, after `npm ci`: it brings Node 24 for Linux and Windows. Elsewhere install Node 24.',
  )
  process.exit(1)
}
