// The page's entry: reads the URL, follows the server, draws.
import { render } from 'preact'
import 'uplot/dist/uPlot.min.css'
import './style/tokens.css'
import './style/page.css'
import './style/lanes.css'
import './style/fleet.css'
import { followKeys } from './keyboard.ts'
import { startLive } from './live.ts'
import { followHistory } from './navigation.ts'
import { Page } from './page.tsx'
import { watchPalette } from './palette.ts'

const root = document.getElementById('page')
if (root !== null) {
  watchPalette()
  followHistory()
  followKeys()
  startLive()
  render(<Page />, root)
}
