/** What the build of this package measured: `tools/measure-bytes.ts`. */
import { fileURLToPath } from 'node:url'
import { readText } from '../../plugin/files.ts'
import type { BytesReport } from '../../plugin/explain-report.ts'

/** `dist/plugin/bytes.json`. */
export interface MeasuredBytes {
  readonly version: 1
  /** `aws-lambda/node/json` → bytes. */
  readonly sizes: Readonly<Record<string, Pick<BytesReport, 'floor' | 'ours'>>>
}

const FILE = fileURLToPath(new URL('../plugin/bytes.json', import.meta.url))

/** @returns undefined where it was not measured: run from source there is no such file */
export function readBytes(
  platform: string,
  target: BytesReport['target'],
  encoding: BytesReport['encoding'],
  file = FILE,
): BytesReport | undefined {
  const { sizes }: Partial<MeasuredBytes> = JSON.parse(readText(file) ?? '{}')
  const measured = sizes?.[`${platform}/${target}/${encoding}`]
  return measured && { target, encoding, floor: measured.floor, ours: measured.ours }
}
