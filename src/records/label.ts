/** How a call came to be shown to a person. */
export type LabelDraw = 'random' | 'disagreement' | 'low_confidence' | 'drift' | 'flagged'

/** A person's verdict on a call, with who and how it was drawn. 1 = good. */
export interface Label {
  readonly project: string
  readonly callId: string
  readonly model: string
  readonly reviewer: string
  readonly question: string
  readonly labelledAtMs: number
  readonly value: number
  readonly comment: string
  readonly draw: LabelDraw
  readonly drawProbability: number
}
