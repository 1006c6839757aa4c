export * from '../../../lib/starred'
