import { Command } from 'commander'

/** `equipoise role NAME`: one part alone, started by the hub; configuration on standard input. */
export function roleCommand(): Command {
  return new Command('role')
    .description('Run one part alone (started by the hub).')
    .addCommand(new Command('gateway').action(gateway))
    .addCommand(new Command('lab').action(lab))
}

async function gateway(): Promise<void> {
  const { runGatewayRole } = await import('../../roles/gateway-role.ts')
  await runGatewayRole()
}

async function lab(): Promise<void> {
  const { runLabRole } = await import('../../roles/lab-role.ts')
  await runLabRole()
}
