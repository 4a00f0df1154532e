namespace BuildRunner.Model.Builds;

/// <summary>How far the end of a build has come: not at its deadline, in its grace, or asked for a last time.</summary>
internal enum Phase : byte { Before, Grace, LastCall }
