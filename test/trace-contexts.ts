/** What a caller may send as W3C trace context, well-formed or not, and what a user may do with it. */
const [TRACE, SPAN] = ['1a'.repeat(16), '2b'.repeat(8)]
export const TRACE_PARENTS: readonly unknown[] = [
  undefined,
  '',
  7,
  {},
  [],
  `00-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-00`,
  `00-${TRACE}-${SPAN}-83`,
  [`00-${TRACE}-${SPAN}-01`, 'x'],
  ` 00-${TRACE}-${SPAN}-01 `,
  `  00-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `01-${TRACE}-${SPAN}-01-more`,
  `01-${TRACE}-${SPAN}-01more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE}-${SPAN}`,
]

const members = (count: number, value = 'v') => Array.from({ length: count }, (_, n) => `k${n}=${value}`).join(',')

/** Well-formed or not, at the limits of 32 members, 512 characters, 256 of a key and of a value. */
export const TRACE_STATES: readonly unknown[] = [
  undefined,
  '',
  7,
  'a=1',
  ' a=1 , b=2\t,,z= 3 ',
  'a=1,b=2,a=3',
  ['a=1', 'b=2'],
  'a=1=2,b=,=3,z,A=1,1a=1,b@c=1,1a@b=2,a_-*/9=x',
  `a@${'b'.repeat(14)}=1,a@${'b'.repeat(15)}=1,${'a'.repeat(241)}@b=1,${'a'.repeat(242)}@b=1`,
  `${'a'.repeat(256)}=1,${'b'.repeat(257)}=1`,
  `a=${'1'.repeat(256)},b=${'2'.repeat(257)},z=9`,
  'a= !"#$%&\'()*+-./:;<>?@[]^_`{|}~,b=ä,z=\u007f',
  members(31),
  members(32),
  members(33),
  members(32, 'v'.repeat(13)),
  `${members(20, 'v'.repeat(20))},z=1`,
  `a=${'1'.repeat(250)},b=${'2'.repeat(250)},z=1,k=22`,
]
/** Set to a value, or unset. */
export const CHANGES: readonly [key: string, value?: string][] = [
  ['a', '2'],
  ['new', 'x'],
  ['b'],
  ['gone'],
  ['A', 'x'],
  ['c', 'a,b'],
  ['c', ' '],
  ['z', '9'.repeat(256)],
  ['y', '9'.repeat(256)],
  ['a', '3'],
  ['a'],
  ['z'],
]
