import { expect, test } from 'vitest'
import { platformIds } from '../../src/plugin/known-platforms.ts'
import { closest } from '../../src/plugin/suggestion.ts'

test.each([
  ['servicename', 'serviceName'],
  ['handler', 'handlers'],
  ['inlcude', 'include'],
  ['protcol', 'protocol'],
  ['sampling', undefined],
  ['apiKey', undefined],
  ['x', undefined],
  ['', undefined],
  ['batch', 'batching'],
  ['serviceLabel', 'serviceName'],
  ['handlerNames', 'handlers'],
])('closest to %s: %s', (word, expected) => {
  expect(closest(word, ['serviceName', 'handlers', 'batching', 'include', 'exclude', 'protocol'])).toBe(expected)
  expect(closest(word, [])).toBeUndefined()
})

test.each([
  ['gcp', 'google-cloud-functions'],
  ['GCF', 'google-cloud-functions'],
  ['google', 'google-cloud-functions'],
  ['cloud-functions', 'google-cloud-functions'],
  ['aws', 'aws-lambda'],
  ['AWS', 'aws-lambda'],
  ['lambda', 'aws-lambda'],
  ['azure', 'azure-functions'],
  ['next.js', 'nextjs'],
  ['netlify-functions', 'netlify'],
  ['cloudflare-workers', 'cloudflare'],
  // It may be Azure's or Google's.
  ['functions', undefined],
  ['vercel', undefined],
  ['ibm', undefined],
])('the platform closest to %s: %s', (word, expected) => {
  expect(closest(word, platformIds)).toBe(expected)
})
