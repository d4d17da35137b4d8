// Controls are records too, but never of users: they live in projects of their own beside the project they watch.

/** Project of the golden set's verdicts. A slash is in no project's own name. */
export function goldenProject(project: string): string {
  return `${project}/golden`
}

/** Project of the probes' calls and verdicts. */
export function probesProject(project: string): string {
  return `${project}/probes`
}
