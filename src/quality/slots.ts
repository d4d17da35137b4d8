/** Lets at most `size` holders in at once; the others wait in order of arrival. */
export class Slots {
  readonly size: number
  #held = 0
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.size = size
  }

  get held(): number {
    return this.#held
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Resolves with the function that gives the slot back; rejects when `signal` aborts first. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#held >= this.size) await this.#turn(signal)
    else this.#held += 1
    let given = false
    return () => {
      if (given) return
      given = true
      this.#giveBack()
    }
  }

  /** A slot that is given back goes straight to the one who waited longest, so nobody can slip in between. */
  #giveBack(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#held -= 1
    else next()
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        const index = this.#waiting.indexOf(enter)
        if (index >= 0) this.#waiting.splice(index, 1)
        reject(signal.reason)
      }
      this.#waiting.push(enter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
