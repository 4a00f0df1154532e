namespace QuickStart;

internal static class ExitCodes
{
    public const int Succeeded = 0;
    public const int Failed = 1;
    public const int Rejected = 2;
    public const int Cancelled = 3;
}
