/** The files of the SDK that the bundle holds anyway, by their specifiers (`@temporalio/workflow/lib/flags`): scripts/build-vm-bundles.mjs fills them in. */
const parts: { readonly [specifier: string]: () => unknown } = { SDK_PARTS: () => null };

/** What loads a file inside a package of the SDK; undefined for one that the bundle does not hold. */
export const sdkPart = (specifier: string): (() => unknown) | undefined => parts[specifier.replace(/\.js$/, '')] ?? parts[`${specifier}/index`];
