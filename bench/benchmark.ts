/** One thing that can be measured with `npm run bench -- NAME`. */
export interface Benchmark {
  readonly name: string
  readonly summary: string
  /** Option name to what it does; every option has a default. */
  readonly options: Readonly<Record<string, string>>
  /** Prints a readable table as it goes and returns the figures for the last line. */
  run(
    options: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, number | string | object>>>
}
