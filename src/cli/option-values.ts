import { InvalidArgumentError } from 'commander'

/** Parses an option that must be a number above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('expected a number above 0')
  return value
}

/** Parses a port; 0 lets the system choose. */
export function portNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('expected a port, 0 to 65535 (0 lets the system choose)')
  }
  return value
}
