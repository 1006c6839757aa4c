/// <reference types="vite/types/importMeta.d.ts" />
/** Every platform that has a driver, found and not listed: a new one is a new file. */
import { describePlatform } from './suite.ts'
import type { Driver } from './suite/driver.ts'

const files = import.meta.glob<Record<string, Driver>>('./drivers/*.ts', { eager: true })

for (const drivers of Object.values(files)) for (const driver of Object.values(drivers)) describePlatform(driver)
