import type { Finding } from '../../records/finding.ts'
import { text, time, word, type Table } from '../table.ts'

export const findings: Table<Finding> = {
  name: 'findings',
  columns: [
    word('project', (finding) => finding.project),
    text('finding_id', (finding) => finding.findingId),
    time('found_at', (finding) => finding.foundAtMs),
    word('kind', (finding) => finding.kind),
    word('model', (finding) => finding.model),
    word('severity', (finding) => finding.severity),
    text('summary', (finding) => finding.summary),
    time('from', (finding) => finding.fromMs),
    time('to', (finding) => finding.toMs),
    text('evidence', (finding) => JSON.stringify(finding.evidence)),
  ],
}
