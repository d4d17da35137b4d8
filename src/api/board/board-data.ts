import type { Fleet } from '../../fleet/fleet.ts'
import type { ModelCalls } from '../../store/queries/board-calls.ts'
import type { GoodAnswers } from '../../store/queries/board-answers.ts'
import type { BoardBill } from '../../store/queries/board-ledger.ts'
import type { BoardSamples } from '../../store/queries/board-samples.ts'
import type { BoardScores, ModelEvaluation } from '../../store/queries/board-scores.ts'
import type { BoardWindow } from '../../store/queries/board-window.ts'
import type { ModelCalibration } from '../quality/board-calibration.ts'
import type { BoardAlert, BoardEvent, SourceFreshness } from '../contract.ts'

/** Everything a board is made of, as read. */
export interface BoardData {
  readonly window: BoardWindow
  readonly nowMs: number
  readonly fleet: Fleet
  /** Age at which a reading is no longer believed. */
  readonly staleAfterMs: number
  readonly calls: readonly ModelCalls[]
  readonly scores: readonly BoardScores[]
  readonly evaluation: readonly ModelEvaluation[]
  readonly bill: BoardBill
  readonly samples: readonly BoardSamples[]
  readonly goodAnswers: readonly GoodAnswers[]
  readonly calibrations: readonly ModelCalibration[]
  readonly events: readonly BoardEvent[]
  readonly alerts: readonly BoardAlert[]
  readonly sources: readonly SourceFreshness[]
}
