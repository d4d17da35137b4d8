import type { Board } from '../../../src/api/contract.ts'
import type { DrawnModel } from '../model-choice.ts'
import { capacityLane } from './capacity-lane.ts'
import { costLane } from './cost-lane.ts'
import { evaluationLane } from './evaluation-lane.ts'
import type { Lane } from './lane.ts'
import { qualityLane, safetyLane } from './quality-lane.ts'
import { servingLane } from './serving-lane.ts'

/** The lanes of a board from top to bottom: money, machines, service, answers, and the measuring itself. */
export function lanesOf(
  board: Board,
  drawn: readonly DrawnModel[],
  dimension: string,
): readonly Lane[] {
  const input = { board, drawn, dimension }
  return [costLane, capacityLane, servingLane, qualityLane, safetyLane, evaluationLane].map(
    (lane) => lane(input),
  )
}
