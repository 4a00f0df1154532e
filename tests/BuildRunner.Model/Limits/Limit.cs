namespace BuildRunner.Model.Limits;

/// <summary>A limit, in the order in which they pass.</summary>
internal enum Limit : byte { None, Pending, Run, Total }
