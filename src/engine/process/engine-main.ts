import { runProgram } from '../../processes/program.js';
import { EngineProgram } from './engine-program.js';
import { findNativeBinding, nativeSessions } from './native-session.js';
import { publicSessions } from './public-session.js';

const binding = process.argv.includes('--public-api') ? undefined : findNativeBinding();
await runProgram(new EngineProgram(binding === undefined ? await publicSessions() : nativeSessions(binding)));
