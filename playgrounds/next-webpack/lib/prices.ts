/** In cents. */
const PRICES: Readonly<Record<string, number>> = { espresso: 200, croissant: 280 }

export async function addUp(items: readonly string[]): Promise<number> {
  return items.reduce((total, item) => total + (PRICES[item] ?? 0), 0)
}
