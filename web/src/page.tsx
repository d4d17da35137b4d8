import { useEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import { AwayNotice } from './away-notice.tsx'
import { Dialogs } from './dialogs.tsx'
import { FleetTable } from './fleet-table.tsx'
import { Footnotes } from './footnotes.tsx'
import { KpiStrip } from './kpi-strip.tsx'
import { LanesSection } from './lanes-section.tsx'
import { PageHeader } from './page-header.tsx'
import { announcement, board } from './page-state.ts'
import { StartGuide } from './start-guide.tsx'
import { isFirstRun } from './verdict.ts'
import { VerdictBanner } from './verdict-banner.tsx'

/** The page. */
export function Page(): JSX.Element {
  const data = board.value
  const firing = data?.alerts.filter((alert) => alert.state === 'firing').length ?? 0
  useEffect(() => {
    document.title = firing > 0 ? `(${firing}) Equipoise` : 'Equipoise'
  }, [firing])
  return (
    <>
      <PageHeader />
      <main>
        {data === null ? (
          <AwayNotice />
        ) : isFirstRun(data) ? (
          <StartGuide board={data} />
        ) : (
          <Fleet />
        )}
      </main>
      <Footnotes />
      <Dialogs />
      <div class="unseen" aria-live="polite">
        {announcement.value}
      </div>
    </>
  )
}

function Fleet(): JSX.Element {
  return (
    <>
      <VerdictBanner />
      <KpiStrip />
      <LanesSection />
      <FleetTable />
    </>
  )
}
