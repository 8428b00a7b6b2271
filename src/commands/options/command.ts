/**
 * What all commands have in common: a wrong command line is one sentence that points to the command's help.
 */
import { Command } from '@oclif/core/command';

import { UsageFailure } from '../../host/failure.js';

export abstract class VmftCommand extends Command {
  /** Called by oclif with whatever the command threw. */
  protected override catch(error: unknown): Promise<never> {
    return Promise.reject(isParseError(error) ? this.usage(error) : (error as Error));
  }

  private usage(error: ParseError): UsageFailure {
    return new UsageFailure(`${this.mistake(error)}: see vmft ${this.id ?? ''} --help.`, error);
  }

  /** What is wrong with the command line, in vmft's words where oclif says which mistake it is. */
  private mistake(error: ParseError): string {
    const command = `vmft ${this.id ?? ''}`;
    if (error.flags?.[0] !== undefined) return `${command} has no option ${error.flags[0]}`;
    const [argument] = error.args ?? [];
    if (typeof argument === 'string') return `"${argument}" is more than ${command} takes`;
    if (argument !== undefined) return `${command} needs a ${argument.name.toUpperCase()}`;
    const missing = /Missing required flag (\S+)/.exec(error.message)?.[1];
    if (missing !== undefined) return `${command} needs --${missing}`;
    const [line = ''] = error.message.split('\n');
    return line.replace(/^Flag /, '').replace(/[.:]$/, '');
  }
}

/** What oclif's parser throws, as far as it is used here. */
interface ParseError extends Error {
  readonly oclif: object;
  /** Options that do not exist. */
  readonly flags?: readonly string[];
  /** Arguments that are too many, or those that are missing. */
  readonly args?: readonly (string | { readonly name: string })[];
}

function isParseError(error: unknown): error is ParseError {
  return (
    typeof error === 'object' && error !== null && 'oclif' in error && !('code' in error && error.code === 'EEXIT')
  );
}
