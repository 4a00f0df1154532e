namespace MergeQueue;

internal static class ExitCodes
{
    public const int AllLanded = 0;
    public const int SomeDropped = 1;
    public const int Rejected = 2;
    public const int SomeUndecided = 3;
}
