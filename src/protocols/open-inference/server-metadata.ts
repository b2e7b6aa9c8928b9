/** Extensions of the protocol that work here, by Triton's names. */
const extensions = [
  'binary_tensor_data',
  'classification',
  'model_configuration',
  'parameters',
  'schedule_policy',
  'statistics',
];

export interface CallerRights {
  readonly mayControl: boolean;
  readonly mayShareMemory: boolean;
}

/** Name, version and extensions. What is not for everybody is announced to those who may use it. */
export function serverMetadata(version: string, { mayControl, mayShareMemory }: CallerRights): object {
  const own = [...extensions];
  if (mayControl) own.push('model_repository');
  if (mayShareMemory) own.push('system_shared_memory');
  return { name: 'slipway', version, extensions: own.sort() };
}
