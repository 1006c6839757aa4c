/** A logger for Vite that keeps what it is told. */
export function createViteLogger() {
  const printed: string[] = []
  const print = (text: string) => void printed.push(text)
  const rest = { clearScreen() {}, hasErrorLogged: () => false, hasWarned: false }
  return { printed, customLogger: { info: print, warn: print, warnOnce: print, error: print, ...rest } }
}
