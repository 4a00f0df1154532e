namespace BuildRunner.Model.Builds;

/// <summary>The call that a handler makes next: of the store or the runner; at the end the engine settles.</summary>
internal enum Call : byte { None, Read, Save, Publish, Create, Find, Status, Cancel, Settle }
