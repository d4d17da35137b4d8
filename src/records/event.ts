export type EventKind =
  | 'deploy'
  | 'config'
  | 'prompt_version'
  | 'scale'
  | 'price'
  | 'evaluator_version'
  | 'fault'
  | 'alert'

/** Something that changed and may explain what follows it. */
export interface Event {
  readonly project: string
  readonly eventId: string
  readonly timeMs: number
  readonly kind: EventKind
  /** Empty when it concerns the whole fleet. */
  readonly model: string
  readonly title: string
  readonly detail: string
  readonly attributes: Readonly<Record<string, string>>
}
