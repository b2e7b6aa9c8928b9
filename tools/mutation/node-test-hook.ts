import type { ResolveFnOutput, ResolveHookContext } from 'node:module';

let standIn = '';

export function initialize(data: { readonly standIn: string }): void {
  standIn = data.standIn;
}

/** Compiled tests get the stand-in for `node:test`. */
export function resolve(
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context: ResolveHookContext) => ResolveFnOutput | Promise<ResolveFnOutput>,
): ResolveFnOutput | Promise<ResolveFnOutput> {
  if (specifier === 'node:test' && context.parentURL?.includes('/dist/test/')) {
    return { url: standIn, shortCircuit: true };
  }
  return next(specifier, context);
}
