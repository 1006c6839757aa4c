/** In a cycle with the Worker: it uses what the Worker exports, while that is still being made. */
import { NotFound, Shelf } from './worker.ts'

let shelf: Shelf | undefined

export function register(): void {
  shelf = new Shelf()
  if (!(shelf instanceof Shelf) || shelf.constructor.name !== 'Shelf') throw new Error('not a Shelf')
}

export function keep(thing: string): number {
  return shelf!.fetch(thing)
}

export function find(name: string): never {
  const error = new NotFound(name)
  if (!(error instanceof NotFound)) throw new Error('not a NotFound')
  throw error
}
