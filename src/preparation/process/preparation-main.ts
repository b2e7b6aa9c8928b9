import { runProgram } from '../../processes/program.js';
import { PreparationProgram } from './preparation-program.js';

await runProgram(new PreparationProgram());
