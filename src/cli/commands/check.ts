import { Command } from 'commander'

/** `equipoise check -c FILE`: every error at once, or what the file means. */
export function checkCommand(): Command {
  return new Command('check')
    .description('Check a configuration file and say what it means.')
    .option('-c, --config <file>', 'configuration file', 'equipoise.yaml')
    .action(async ({ config: file }: { config: string }) => {
      const { loadCheckedConfig } = await import('../checked-config.ts')
      const { buildFleet } = await import('../../fleet/topology.ts')
      const { config } = loadCheckedConfig(file)
      const fleet = buildFleet(config.fleet)
      const free = fleet.gpus.filter((gpu) => gpu.owner === null).length
      const usdPerHour = fleet.nodes.reduce((sum, node) => sum + node.price.usdPerHour, 0)
      console.log(`${file} is good.`)
      console.log(
        `  fleet       ${fleet.nodes.length} servers, ${fleet.gpus.length} GPUs (${free} unreserved), ${usdPerHour.toFixed(3)} $/h`,
      )
      for (const component of fleet.components) {
        const gpus = component.copies.reduce((sum, copy) => sum + copy.gpuIds.length, 0)
        console.log(
          `  ${component.name}  ${component.copies.length} copies on ${gpus} GPUs, model ${component.model}`,
        )
      }
      for (const { name, price } of fleet.nodes) {
        console.log(
          `  price       ${name}: ${price.usdPerHour} $/h, ${price.source}, ${price.date}`,
        )
      }
      const jobs = config.scrape.jobs.map(({ name }) => name)
      if (jobs.length > 0) console.log(`  scrape jobs ${jobs.join(', ')}`)
      console.log(`  evaluators  ${config.quality.evaluators.length}`)
      console.log(`  alerts      ${config.alerts.rules.length}`)
    })
}
