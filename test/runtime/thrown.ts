/** What is thrown has to arrive as it is. */
export const THROWN = new RangeError('the very one')
