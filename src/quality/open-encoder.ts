import type { EncoderConfig } from '../config/schema.ts'
import { embeddedEncoder } from './embedded-encoder.ts'
import { cachedEncoder } from './encoder-cache.ts'
import { encoderName, type Encoder } from './encoder.ts'
import { endpointEncoder } from './endpoint-encoder.ts'

/** The configured encoder behind a cache. Nothing is loaded or connected before the first text. */
export function openEncoder(config: EncoderConfig): Encoder {
  const name = encoderName(config)
  const encoder =
    config.url === undefined
      ? embeddedEncoder(name)
      : endpointEncoder({ ...config, name, url: config.url })
  return cachedEncoder(encoder, config.cacheTexts)
}
