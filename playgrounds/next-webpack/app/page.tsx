export default function Page() {
  return <h1>Espresso 2.00, croissant 2.80</h1>
}
