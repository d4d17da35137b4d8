import { Command } from 'commander'
import { runGatewayRole } from '../../roles/gateway-role.ts'
import { runLabRole } from '../../roles/lab-role.ts'

/** `equipoise role NAME`: one part alone, started by the hub; configuration on standard input. */
export function roleCommand(): Command {
  return new Command('role')
    .description('Run one part alone (started by the hub).')
    .addCommand(new Command('gateway').action(runGatewayRole))
    .addCommand(new Command('lab').action(runLabRole))
}
