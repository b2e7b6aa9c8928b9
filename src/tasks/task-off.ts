/** What the files say beside it turns the task off. */
export class TaskOff extends Error {
  override readonly name = 'TaskOff';
}
