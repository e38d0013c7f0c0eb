"""Reading: one file → rows of its feed's contract, as text, with sheet and row.

======================  ==============================================================
``model``               what readers hand on: ``Value``, ``Sheet``, ``Rejected``
``formats``             what the bytes are, and whether the name says the same
``archives``            members of a .zip or .gz, unpacked within limits
``spreadsheets``        .xlsx, .xls, .ods → sheets of typed cells
``annotated``           Pilar's own workbooks: what was added to the submitter's sheets
``grids``               a workbook → its sheets with the names they are known by
``sandbox``             opens a workbook in a process of its own
``text``                .csv, .txt → lines: encoding, line ends, delimiter, quotes
``answers``             .json → records, or an answer as it is
``headers``             which row names the columns, and which column is which
``context``             what title, sheet or file name says when no column does
``rows``                records, and what stands around them
``table``               a sheet → rows of a contract
``stream``              a text file → rows of a contract, in chunks and columns
``cells``               a typed cell → canonical text
``arrow``               Python values → Arrow, without loading pandas
``output``              rows → Parquet, and what was read of each sheet
``reader``              all of it: ``read(path, …)``
======================  ==============================================================
"""
