/** The two axes never share a namespace; they are joined on purpose. Forms: research of AWS' own names. */
export const infrastructureNamespaceRoot = '/aws/sagemaker/InferenceComponents'
export const qualityNamespaceRoot = '/aws/sagemaker/inference-quality'
/** Node-level readings that belong to no model (unassigned GPUs, host). */
export const nodeNamespaceRoot = '/aws/sagemaker/Endpoints'

/** e.g. `/aws/sagemaker/InferenceComponents/gpt-oss-20b`. */
export function infrastructureNamespace(model: string): string {
  return `${infrastructureNamespaceRoot}/${model}`
}

/** e.g. `/aws/sagemaker/inference-quality/gpt-oss-20b`. */
export function qualityNamespace(model: string): string {
  return `${qualityNamespaceRoot}/${model}`
}

/** e.g. `/aws/sagemaker/Endpoints/gpu-server-1`. */
export function nodeNamespace(node: string): string {
  return `${nodeNamespaceRoot}/${node}`
}
